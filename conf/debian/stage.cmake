# Between installation into the staging directory and the making of the package: what Debian wants
# different from `cmake --install`.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(share ${root}/usr/share)
if(NOT EXISTS ${share}/doc/waarborg/copyright)
  message(FATAL_ERROR "nothing was installed below ${root}")
endif()
# The entry on top is of who builds this package.
file(READ ${share}/doc/waarborg/changelog changelog)
string(REPLACE "\n -- no maintainer named <waarborg@voorbeeld.example>  " "\n -- ${CPACK_WAARBORG_MAINTAINER}  "
       changelog "${changelog}")
file(WRITE ${share}/doc/waarborg/changelog "${changelog}")
file(GLOB_RECURSE pages ${share}/man/*.[1-9])
execute_process(COMMAND gzip -9n ${pages} ${share}/doc/waarborg/changelog ${share}/doc/waarborg/README.md
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND strip --remove-section=.comment --remove-section=.note ${root}/usr/sbin/waarborg
                COMMAND_ERROR_IS_FATAL ANY)
# The umask of whoever runs cpack must not decide who can read it.
execute_process(COMMAND find ${root} -type d -exec chmod 0755 {} +
                COMMAND_ERROR_IS_FATAL ANY)
# Last: everything above changes dates.
execute_process(COMMAND find ${root} -exec
                        touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
                COMMAND_ERROR_IS_FATAL ANY)
