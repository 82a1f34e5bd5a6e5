# What cpack reads first: refuses what must not become a package, and pins every date in it.
if(NOT CPACK_WAARBORG_BUILD STREQUAL "")
  message(FATAL_ERROR "no package is made of a build with${CPACK_WAARBORG_BUILD}: configure anew with "
          "-DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr and nothing else")
endif()
file(STRINGS ${CPACK_WAARBORG_CHANGELOG} CPACK_WAARBORG_RELEASE LIMIT_COUNT 1)
if(NOT CPACK_WAARBORG_RELEASE MATCHES "^waarborg \\(([^)]+)\\) ")
  message(FATAL_ERROR "${CPACK_WAARBORG_CHANGELOG} does not begin with: waarborg (VERSION) ...")
endif()
if(NOT CMAKE_MATCH_1 STREQUAL CPACK_WAARBORG_VERSION)
  message(FATAL_ERROR "${CPACK_WAARBORG_CHANGELOG} begins with version ${CMAKE_MATCH_1}, the program is "
          "${CPACK_WAARBORG_VERSION}: add an entry")
endif()
if(CPACK_WAARBORG_MAINTAINER MATCHES "\\.example>$")
  message(WARNING "the package names no maintainer who can be reached: configure with "
          "-DWAARBORG_MAINTAINER='Name <address>'")
endif()
# Without SOURCE_DATE_EPOCH the day of the release is the date, as with dpkg-buildpackage.
if("$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
  file(STRINGS ${CPACK_WAARBORG_CHANGELOG} CPACK_WAARBORG_DATE REGEX "^ -- .*>  " LIMIT_COUNT 1)
  string(REGEX REPLACE "^ -- .*>  " "" CPACK_WAARBORG_DATE "${CPACK_WAARBORG_DATE}")
  execute_process(COMMAND date -u -d "${CPACK_WAARBORG_DATE}" +%s
                  OUTPUT_VARIABLE CPACK_WAARBORG_EPOCH OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
  set(ENV{SOURCE_DATE_EPOCH} ${CPACK_WAARBORG_EPOCH})
endif()
