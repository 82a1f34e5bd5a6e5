# Writes NAME.c and NAME.h: one byte array a file of FILES ("a/b.sql|c/d.sql"), named NAME_a_b.
# Bytes rather than string literals: no escaping rules, no limit on length.
string(REPLACE "|" ";" FILES "${FILES}")
set(header "#pragma once\n")
set(source "#include \"${NAME}.h\"\n")
set(list "")
foreach(file IN LISTS FILES)
  string(REGEX REPLACE "\\.[a-z]+$" "" symbol "${file}")
  string(MAKE_C_IDENTIFIER "${NAME}_${symbol}" symbol)
  file(READ "${ROOT}/${file}" bytes HEX)
  # '\x..' and not 0x..: the bytes of UTF-8 letters do not fit a signed char as numbers.
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND header "extern const char ${symbol}[];\n")
  string(APPEND source "const char ${symbol}[] = {${bytes}0};\n")
  string(APPEND list "    {\"${file}\", ${symbol}},\n")
endforeach()
string(APPEND header "\n/* Every embedded file, ordered by name; the last has name NULL. */\n"
       "struct ${NAME}_file {\n    const char *name;\n    const char *text;\n};\n"
       "extern const struct ${NAME}_file ${NAME}_files[];\n")
string(APPEND source "const struct ${NAME}_file ${NAME}_files[] = {\n${list}    {0, 0},\n};\n")
file(WRITE "${OUT}/${NAME}.h" "${header}")
file(WRITE "${OUT}/${NAME}.c" "${source}")
