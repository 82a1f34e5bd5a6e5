# What is installed beside the program, and the Debian package:
#   cmake -S . -B build -DCMAKE_INSTALL_PREFIX=/usr && cmake --build build && (cd build && cpack -G DEB)
# Included last, when every target exists.
foreach(part IN ITEMS manual scheduling)
  include(conf/${part}.cmake)
endforeach()

install(FILES README.md jobs/archive/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES conf/waarborg.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# Only the package may write into /etc: dpkg keeps what the administrator changed there, a plain
# `cmake --install` would not.
file(GLOB templates CONFIGURE_DEPENDS conf/templates/*)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  install(FILES ${templates} DESTINATION /etc/waarborg/templates)
  install(FILES conf/debian/copyright conf/debian/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR})
else()
  install(FILES ${templates} DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/templates)
endif()

# Hardening beside what every build has (CMakeLists.txt): not with the sanitizers, whose place
# _FORTIFY_SOURCE would take, and only where the compiler optimises.  The paths of the build do not
# belong into the program: the same source gives the same bytes in every directory.
if(NOT SANITIZE AND NOT FUZZ)
  set(hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection -fPIE)
  get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      target_compile_options(${target} PRIVATE "$<$<NOT:$<CONFIG:Debug>>:${hardening}>"
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build)
    endif()
  endforeach()
  target_link_options(waarborg PRIVATE -pie)
endif()

# ---- The package ------------------------------------------------------------------------------

# Who answers for a package is who builds it, so no real address stands here: .example belongs to
# nobody, and cpack warns of it.
set(WAARBORG_MAINTAINER "no maintainer named <waarborg@voorbeeld.example>" CACHE STRING
    "Maintainer of the package: who builds it, as Name <address>")
if(NOT WAARBORG_MAINTAINER MATCHES "^[^<>]*[^<> ] <[^<>@ ]+@[^<>@ ]+>$")
  message(FATAL_ERROR "WAARBORG_MAINTAINER is Name <address>, not '${WAARBORG_MAINTAINER}'")
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME waarborg)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${WAARBORG_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "retention, archive and evidence for customer data in PostgreSQL")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Finds every night the customers whose retention window has passed, by rules
that somebody approved, writes what the database holds about them to a sealed
archive and deletes it, in one transaction. Keeps evidence of it that can be
checked without trusting the database or the program, and destroys the archive
after its term.

It also keeps the register of personal data breaches (GDPR articles 33 and 34)
and prints reports for the data protection officer.

Nothing is scheduled by installing this package: a job that deletes is switched
on by a person.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "default-mta | mail-transport-agent")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql, prometheus-node-exporter")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
# Everything goes where it is to be, /etc included, below a staging directory.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
# Not what the umask of the caller makes of it.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(conffiles "")
foreach(template IN LISTS templates)
  cmake_path(GET template FILENAME name)
  string(APPEND conffiles "/etc/waarborg/templates/${name}\n")
endforeach()
file(CONFIGURE OUTPUT debian/conffiles CONTENT "${conffiles}" @ONLY)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_BINARY_DIR}/debian/conffiles
    ${CMAKE_SOURCE_DIR}/conf/debian/postinst
    ${CMAKE_SOURCE_DIR}/conf/debian/prerm
    ${CMAKE_SOURCE_DIR}/conf/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# Read by conf/debian/begin.cmake when cpack runs.
set(CPACK_WAARBORG_VERSION ${PROJECT_VERSION})
set(CPACK_WAARBORG_MAINTAINER ${WAARBORG_MAINTAINER})
set(CPACK_WAARBORG_CHANGELOG ${CMAKE_SOURCE_DIR}/conf/debian/changelog)
set(CPACK_WAARBORG_BUILD "")
foreach(option IN ITEMS SANITIZE FUZZ FAULT_POINTS)
  if(${option})
    string(APPEND CPACK_WAARBORG_BUILD " -D${option}=ON")
  endif()
endforeach()
if(NOT CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
  string(APPEND CPACK_WAARBORG_BUILD " -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}")
endif()
if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  string(APPEND CPACK_WAARBORG_BUILD " -DCMAKE_INSTALL_PREFIX=${CMAKE_INSTALL_PREFIX}")
endif()
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/conf/debian/begin.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/conf/debian/stage.cmake)
include(CPack)
