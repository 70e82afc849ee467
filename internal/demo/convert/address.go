package main

import (
	"regexp"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

var (
	// What comes last in an address: "59100 Prato", "59100, Prato", "Sesto Fiorentino (FI)", "Paperino (Prato)".
	addressPattern  = regexp.MustCompile(`^(.+?)(?:,| -) (?:([0-9]{5}),? )?([^,]+)$`)
	bracketPattern  = regexp.MustCompile(`^(.+) \((.+)\)$`)
	provincePattern = regexp.MustCompile(`^[A-Z]{2}$`)
	hamletPattern   = regexp.MustCompile(`^.+ di (Prato)$`)
	// A street is what begins like one and has no comma but the one before its number.
	streetPattern = regexp.MustCompile(`^((?i:via|viale|piazza|piazzale|p\.zza|p\.) [^,]+?)(?:[ ,]+([0-9]+[0-9A-Za-z/]*(?: [A-Z])?|snc))?$`)
)

// parseAddress takes an address apart where its parts are beyond doubt; ok is false where they are not. A locality
// within a municipality comes back as the district.
func parseAddress(s string) (address catalogue.Address, district string, ok bool) {
	whole := addressPattern.FindStringSubmatch(s)
	if whole == nil {
		return catalogue.Address{}, "", false
	}
	street := streetPattern.FindStringSubmatch(strings.TrimSpace(whole[1]))
	if street == nil {
		return catalogue.Address{}, "", false
	}
	address = catalogue.Address{
		Street: strings.TrimSpace(street[1]), Number: street[2], PostalCode: whole[2], City: whole[3],
	}
	if m := bracketPattern.FindStringSubmatch(address.City); m != nil && provincePattern.MatchString(m[2]) {
		address.City, address.Province = m[1], m[2]
	} else if m != nil {
		address.City, district = m[2], m[1]
	} else if m := hamletPattern.FindStringSubmatch(address.City); m != nil {
		address.City, district = m[1], m[0]
	}
	return address, district, true
}

// sameAddress is equal for addresses that differ in the case of letters and the postal code only.
func sameAddress(a catalogue.Address, district string) string {
	return strings.ToLower(strings.Join([]string{a.Street, a.Number, a.City, district}, "|"))
}
