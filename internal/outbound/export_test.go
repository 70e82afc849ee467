package outbound

import (
	"crypto/x509"
	"net"
	"net/netip"
)

// Within makes Options of which a client also calls a network of the machine itself, resolves names by a server of the
// test, and trusts its certificates.
func (o Options) Within(network netip.Prefix, resolver *net.Resolver, roots *x509.CertPool) Options {
	o.within, o.resolver, o.roots = []netip.Prefix{network}, resolver, roots
	return o
}
