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
locked() {		# NAME LICENCE
	local line

	line=$(grep -E "^(source|binary) +$1 " vendor/lock)
	set -- $line "$2"
	package "$2" "$3" "$6" "Organization: Debian" \
	    "pkg:deb/debian/$2@$3" "$4"
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
$(locked bearssl MIT),
$(locked libjsmn-dev MIT),
$(locked musl MIT),
$(package ca-certificates "$(installed ca-certificates)" MPL-2.0 "Organization: Debian" "pkg:deb/debian/ca-certificates@$(installed ca-certificates)")
  ],
  "relationships": [
    {"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-dragoman"},
$(relation STATIC_LINK bearssl),
$(relation STATIC_LINK libjsmn-dev),
$(relation STATIC_LINK musl),
$(relation DEPENDS_ON ca-certificates)
  ]
}
END
