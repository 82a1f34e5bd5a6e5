# The manual pages and the completion of bash.  Not compressed here: that is the package's work.
# conf/packaging.cmake includes this file.
file(GLOB manual_1 CONFIGURE_DEPENDS conf/man/*.1)
file(GLOB manual_5 CONFIGURE_DEPENDS conf/man/*.5)
install(FILES ${manual_1} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual_5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES conf/completion/waarborg
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
