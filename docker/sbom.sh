#!/bin/bash
# What PROGRAM is made of, as SPDX 2.3 in JSON: docker/sbom.sh PROGRAM
#
# Versions and digests are those of vendor/lock; of what Debian's packages of
# this machine gave, those that are installed.
set -eu
cd "$(dirname "$0")/.."
program=${1:?usage: docker/sbom.sh PROGRAM}
version=$(docker/version.sh)
created=$(date -u -d "@$(docker/version.sh epoch)" +%Y-%m-%dT%H:%M:%SZ)
sum=$(sha256sum <"$program" | cut -d' ' -f1)

# Debian's name of the platform that the program is for.
case $(od -An -tu2 -j18 -N2 "$program" | tr -d ' ') in
62)	arch=amd64 ;;
183)	arch=arm64 ;;
40)	arch=armhf ;;
243)	arch=riscv64 ;;
*)	echo "sbom.sh: $program is for no platform known here" >&2; exit 1 ;;
esac
native=$(dpkg --print-architecture 2>/dev/null || echo amd64)

installed() {
	dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo NOASSERTION
}

# package NAME VERSION LICENCE SUPPLIER PURL [SHA256]
package() {
	local check=

	[ -z "${6:-}" ] ||
	    check=$(printf ',"checksums":[{"algorithm":"SHA256","checksumValue":"%s"}]' "$6")
	printf '    {"SPDXID":"SPDXRef-%s","name":"%s","versionInfo":"%s",' \
	    "$1" "$1" "$2"
	printf '"supplier":"%s","downloadLocation":"NOASSERTION",' "$4"
	printf '"filesAnalyzed":false,"licenseConcluded":"%s",' "$3"
	printf '"licenseDeclared":"%s","copyrightText":"NOASSERTION"%s,' \
	    "$3" "$check"
	printf '"externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"%s"}]}' "$5"
}
debian() {		# NAME LICENCE PACKAGE
	package "$1" "$(installed "$3")" "$2" "Organization: Debian" \
	    "pkg:deb/debian/$3@$(installed "$3")"
	echo ,
}
locked() {		# NAME LICENCE
	local line

	line=$(grep -E "^(source|binary) +$1 " vendor/lock)
	set -- $line "$2"
	package "$2" "$3" "$6" "Organization: Debian" \
	    "pkg:deb/debian/$2@$3" "$4"
	echo ,
}
# The C library is that of this machine, or was built for another.
musl() {
	if [ $arch = "$native" ]; then
		debian musl MIT musl-dev
	else
		locked musl MIT
	fi
}
# What the compiler puts in for what a processor cannot do; nothing on amd64.
libgcc() {
	local of= package

	[ $arch != amd64 ] || return 0
	[ $arch = "$native" ] || of=-$arch-cross
	package=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
	    "libgcc-*-dev$of" 2>/dev/null | sed -n 's/^installed //p' | head -1)
	debian libgcc "GPL-3.0-or-later WITH GCC-exception-3.1" \
	    "${package:-libgcc-dev$of}"
}
relation() {
	printf '    {"spdxElementId":"SPDXRef-dragoman","relationshipType":"%s","relatedSpdxElement":"SPDXRef-%s"}' "$1" "$2"
}

cat <<END
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "dragoman-$version",
  "documentNamespace": "urn:dragoman:$version:$sum",
  "creationInfo": {"created": "$created", "creators": ["Tool: docker/sbom.sh"]},
  "documentDescribes": ["SPDXRef-dragoman"],
  "packages": [
$(package dragoman "$version" NOASSERTION NOASSERTION "pkg:generic/dragoman@$version" "$sum"),
$(locked bearssl MIT)
$(locked libjsmn-dev MIT)
$(musl)
$(libgcc)
$(package ca-certificates "$(installed ca-certificates)" MPL-2.0 "Organization: Debian" "pkg:deb/debian/ca-certificates@$(installed ca-certificates)")
  ],
  "relationships": [
    {"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-dragoman"},
$(relation STATIC_LINK bearssl),
$(relation STATIC_LINK libjsmn-dev),
$(relation STATIC_LINK musl),
$([ $arch = amd64 ] || { relation STATIC_LINK libgcc; echo ,; })
$(relation DEPENDS_ON ca-certificates)
  ]
}
END
