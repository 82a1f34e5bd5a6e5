# A journal that somebody changed and chained again, as one who knows how would.  Source it after lib.sh.
#
#   chain_mend FILE              numbers its lines anew and gives each the digest of the line before it
#   chain_add FILE EVENT FIELDS [AT]   appends a line; FIELDS is JSON without braces

chain_mend() {
    awk -v previous="$(printf '%064d' 0)" '{
            sub(/"seq":[0-9]*/, "\"seq\":" NR)
            sub(/"prev":"[^"]*"/, "\"prev\":\"" previous "\"")
            print
            digest = "printf %s '\''" $0 "'\'' | sha256sum"
            digest | getline previous
            close(digest)
            previous = substr(previous, 1, 64)
        }' "$1" >"$1.mended" && cat "$1.mended" >"$1" && rm "$1.mended"
}

chain_add() {
    last_at=$(sed -n '$s/.*"at":"\([^"]*\)".*/\1/p' "$1")
    printf '{"seq":0,"at":"%s","event":"%s",%s,"prev":""}\n' "${4:-$last_at}" "$2" "$3" >>"$1"
    chain_mend "$1"
}
