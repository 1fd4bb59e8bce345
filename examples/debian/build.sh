#!/bin/sh
# build.sh PHASE: one phase of one package of plan.toml, which synthtop names in SYNTHTOP_... .
#
# A package is installed into a DESTDIR, checked, put into packages/NAME.tar.gz and unpacked from that
# into store/NAME, which is the prefix it was configured for and where the packages that need it find it.
# All of it stands in the logs directory; apt's sources and lists of this host stay as they are.
set -eu

phase=$1 name=$SYNTHTOP_NAME work=$SYNTHTOP_WORKDIR top=$SYNTHTOP_LOGS
apt=$top/apt
store=$top/store
prefix=$store/$name
dest=$work/dest
LIBRARIES=${LIBRARIES:-} TOOLS=${TOOLS:-} CONFIGURE=${CONFIGURE:-}

die() {
    echo "$name: $*" >&2
    exit 1
}

# What a package may use of the others: what it names, and nothing else.
PKG_CONFIG=false PKG_CONFIG_LIBDIR='' CPPFLAGS='' LDFLAGS=''
for need in $LIBRARIES $TOOLS; do
    test -d "$store/$need" || die "$need is not in $store: is it missing from needs?"
    PATH=$store/$need/bin:$PATH
done
for need in $LIBRARIES; do
    CPPFLAGS="$CPPFLAGS -I$store/$need/include"
    LDFLAGS="$LDFLAGS -L$store/$need/lib -Wl,-rpath,$store/$need/lib"
    PKG_CONFIG_LIBDIR=$PKG_CONFIG_LIBDIR:$store/$need/lib/pkgconfig
done
case " $TOOLS " in
*" pkgconf "*) PKG_CONFIG=$store/pkgconf/bin/pkgconf ;;
esac
LDFLAGS="$LDFLAGS -Wl,-rpath,$prefix/lib"
export PATH PKG_CONFIG PKG_CONFIG_LIBDIR CPPFLAGS LDFLAGS
unset LD_LIBRARY_PATH PKG_CONFIG_PATH

private_apt() {
    apt-get -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@"
}

# Once a day for all packages, by whoever comes first; the others wait for the lock.
update_lists() {
    test -z "$(find "$apt" -name updated -mtime -1)" || return 0
    release=${DEBIAN_RELEASE:-$(. /etc/os-release && test "$ID" = debian && echo "$VERSION_CODENAME")} ||
        die "this host is not Debian: name a release of it, as in DEBIAN_RELEASE=bookworm"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    echo "deb-src [signed-by=$keys] ${DEBIAN_MIRROR:-http://deb.debian.org/debian} $release main" \
        >"$apt/sources.list"
    private_apt update --error-on=any
    touch "$apt/updated"
}

fetch() {
    missing=
    for tool in apt-get dpkg-source gcc make patch xz flock ldd; do
        command -v $tool >/dev/null || missing="$missing $tool"
    done
    test -z "$missing" || die "not installed:$missing (as root: apt-get install build-essential dpkg-dev)"
    mkdir -p "$apt" "$store" "$top/packages"
    (
        flock 9
        update_lists
    ) 9>"$apt/lock"
    cd "$work"
    rm -rf source "$dest" ./*.dsc
    private_apt source --quiet --only-source --download-only "$name"
    dpkg-source --no-check -x "$name"_*.dsc source
    # Debian's patches leave configure.ac newer than configure: one time for all, or make wants autoconf.
    find source -type f -exec touch -r source/debian/changelog {} +
}

configure() {
    case $name in
    bzip2 | lz4 | libzstd) ;; # only a Makefile
    zlib) ./configure --prefix="$prefix" ;;
    *)
        # shellcheck disable=SC2086 # a list of options
        ./configure --prefix="$prefix" --libdir="$prefix/lib" --disable-dependency-tracking $CONFIGURE
        ;;
    esac
}

build() {
    case $name in
    bzip2) make -j"$SYNTHTOP_JOBS" LDFLAGS="$LDFLAGS" ;;
    *) make -j"$SYNTHTOP_JOBS" PREFIX="$prefix" ;;
    esac
}

install() {
    rm -rf "$dest"
    case $name in
    bzip2) # knows no DESTDIR, and makes absolute links
        make install PREFIX="$dest$prefix" LDFLAGS="$LDFLAGS"
        find "$dest" -type l -lname "/*/bz*" -printf '%l %p\n' | while read -r target link; do
            ln -sf "${target##*/}" "$link"
        done
        ;;
    *) make install PREFIX="$prefix" DESTDIR="$dest" ;;
    esac
    check_links
}

# Each need must be what the programs and libraries here are really linked with.
check_links() {
    find "$dest" -type f \( -perm -100 -o -name '*.so*' \) -exec ldd {} + >"$work/links" 2>/dev/null || :
    for need in $LIBRARIES; do
        grep -F "=> $store/$need/lib/" "$work/links" ||
            die "nothing in it is linked with $need of this build"
    done
}

package() {
    tar -C "$dest$store" -czf "$work/$name.tar.gz" "$name"
    rm -rf "$prefix"
    tar -C "$store" -xzf "$work/$name.tar.gz"
    mv "$work/$name.tar.gz" "$top/packages/"
    rm -rf "$work/source" "$dest"
    ls -l "$top/packages/$name.tar.gz"
}

case $phase in
fetch | package) "$phase" ;;
configure | build | install) cd "$work/source" && "$phase" ;;
*) die "no such phase: $phase" ;;
esac
