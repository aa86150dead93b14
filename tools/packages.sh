#!/usr/bin/env bash
# packages.sh PURPOSE... - sees to it that the distribution's packages for PURPOSE are there:
#   gost      OpenSSL's GOST engine, for signatures by GOST R 34.10-2012
#   gcrypt    libgcrypt, the second opinion of the tests on GOST
#   postgres  PostgreSQL's server programs, for the tests' own throw-away cluster
#   php node jaxws gsoap  the foreign clients of `make interop`
#   xmlsec santuario       its second opinions on signatures
# As root it installs what is missing; otherwise it prints the line to run. Exit 0: all there; 1: something is missing.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

any_file() { compgen -G "$1" >/dev/null; }

there() {
    case $1 in
    gost) any_file '/usr/lib*/*/engines-3/gost.so' || any_file '/usr/lib*/engines-3/gost.so' ;;
    gcrypt) any_file '/usr/lib*/*/libgcrypt.so.20' || any_file '/lib/*/libgcrypt.so.20' || any_file '/usr/lib*/libgcrypt.so.20' ;;
    postgres) [[ -n ${MEZHVED_TEST_POSTGRES:-} ]] || type -P initdb >/dev/null || any_file '/usr/lib/postgresql/*/bin/initdb' ;;
    php) php --ri soap >/dev/null 2>&1 ;;
    node) type -P node >/dev/null && type -P npm >/dev/null ;;
    jaxws) type -P wsimport >/dev/null && type -P javac >/dev/null && [[ -f /usr/share/java/jaxws-rt.jar ]] ;;
    xmlsec) type -P xmlsec1 >/dev/null ;;
    santuario) [[ -f /usr/share/java/xmlsec.jar && -f /usr/share/java/bcprov.jar ]] ;;
    gsoap) type -P soapcpp2 >/dev/null && type -P g++ >/dev/null && [[ -f /usr/include/stdsoap2.h ]] ;;
    *) die "packages.sh: unknown purpose $1" ;;
    esac
}

package_for() {
    case $1 in
    gost) echo libengine-gost-openssl ;;
    gcrypt) echo libgcrypt20 ;;
    postgres) echo postgresql ;;
    php) echo php-cli php-soap ;;
    node) echo nodejs npm ;;
    xmlsec) echo xmlsec1 ;;
    santuario) echo libxml-security-java libbcprov-java ;;
    gsoap) echo gsoap libgsoap-dev g++ ;;
    jaxws) echo jaxws libjaxws-java openjdk-17-jdk-headless ;;
    esac
}

missing=()
for purpose in "$@"; do
    if ! there "$purpose"; then
        read -ra found <<<"$(package_for "$purpose")"
        missing+=("${found[@]}")
    fi
done
((${#missing[@]} == 0)) && exit 0
apt_install "${missing[@]}" && exit 0
say "Not installed: ${missing[*]}. To have it, run:  sudo apt-get install -y ${missing[*]}"
exit 1
