# The units of systemd, and the lines for cron as an example.  They name the program without its path,
# which systemd and cron look up in /usr/local and /usr: so they hold for every usual prefix, whenever it
# is chosen (cpack chooses it after configuring).  For another one: waarborg-.service.d/10-common.conf.
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/systemd/ DESTINATION lib/systemd/system
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
        DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                              WORLD_READ WORLD_EXECUTE)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/cron.d/waarborg
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/cron.d)
