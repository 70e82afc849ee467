package rdf

import (
	"net/url"
	"strings"
)

// Address makes an IRI of an absolute address that people wrote: what an IRI cannot hold is percent-encoded (RFC 3986,
// section 2), letters beyond ASCII as UTF-8 (RFC 3987, section 3.1). It is empty where there is none to be made.
func Address(written string) string {
	written = strings.TrimSpace(written)
	parsed, err := url.Parse(encode(written))
	if err != nil || parsed.Scheme == "" || parsed.Opaque == "" && parsed.Host == "" {
		return ""
	}
	return encode(written)
}

// encode percent-encodes all that may not stand in a URI, and a percent sign and a number sign that mean nothing.
func encode(s string) string {
	var b strings.Builder
	authority := len(s) // where the host, in which brackets stand for IPv6, is over
	if i := strings.Index(s, "://"); i >= 0 {
		if authority = strings.IndexAny(s[i+3:], "/?#"); authority < 0 {
			authority = len(s)
		} else {
			authority += i + 3
		}
	}
	fragment := false
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~:/?@!$&'()*+,;=", c) >= 0,
			c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]),
			c == '#' && !fragment,
			(c == '[' || c == ']') && i < authority:
			fragment = fragment || c == '#'
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

const hexDigits = "0123456789ABCDEF"

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
