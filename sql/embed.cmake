# Writes sql.c and sql.h: one byte array a file of FILES ("a/b.sql|c/d.sql"), named sql_a_b.
# Bytes rather than string literals: no escaping rules, no limit on length.
string(REPLACE "|" ";" FILES "${FILES}")
set(header "#pragma once\n")
set(source "#include \"sql.h\"\n")
set(schema "")
foreach(file IN LISTS FILES)
  string(REGEX REPLACE "\\.sql$" "" symbol "${file}")
  string(MAKE_C_IDENTIFIER "sql_${symbol}" symbol)
  file(READ "${ROOT}/${file}" bytes HEX)
  # '\x..' and not 0x..: the bytes of UTF-8 letters do not fit a signed char as numbers.
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND header "extern const char ${symbol}[];\n")
  string(APPEND source "const char ${symbol}[] = {${bytes}0};\n")
  string(APPEND list "    {\"${file}\", ${symbol}},\n")
endforeach()
string(APPEND header "\n/* Every embedded file, ordered by name; the last has name NULL. */\n"
       "struct sql_file {\n    const char *name;\n    const char *text;\n};\n"
       "extern const struct sql_file sql_files[];\n")
string(APPEND source "const struct sql_file sql_files[] = {\n${list}    {0, 0},\n};\n")
file(WRITE "${OUT}/sql.h" "${header}")
file(WRITE "${OUT}/sql.c" "${source}")
