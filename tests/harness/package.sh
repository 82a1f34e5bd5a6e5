# The Debian package, as a person makes it.  Source it after lib.sh.
#
#   package_build               makes it in a build directory that is kept between runs ($package_build);
#                               $T/$package is a copy, $package_version its version
#   package_again [NAME=VALUE]  makes it again from the same build, as $T/again.deb
#
# Two tests want it at the same time: the second waits for the first.

package_build() {
    package_build=${WAARBORG_PACKAGE_BUILD:-$ROOT/build/package}
    package_version=$(sed -n 's/^project(waarborg VERSION \([^ ]*\) .*/\1/p' "$ROOT/CMakeLists.txt")
    package=waarborg_${package_version}_$(dpkg --print-architecture).deb
    mkdir -p "$package_build"
    (
        umask 022
        flock 9 &&
            sh "$ROOT/conf/demo/build.sh" "$package_build" waarborg \
                -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr &&
            package_make && cp "$package_build/$package" "$T/"
    ) 9>"$package_build.lock" || fail "there is no $package"
}

package_again() {
    (
        umask 022
        [ $# -eq 0 ] || export "${1?}"
        flock 9 && package_make && cp "$package_build/$package" "$T/again.deb"
    ) 9>"$package_build.lock" || fail "the package cannot be made again"
}

package_make() {
    rm -f "$package_build"/waarborg_*.deb
    (cd "$package_build" && cpack -G DEB) >"$T/cpack.log" 2>&1 || {
        cat "$T/cpack.log" >&2
        return 1
    }
}
