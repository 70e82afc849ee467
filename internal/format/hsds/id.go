package hsds

import (
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Entries keep their ids. What is no entry has a UUID of version 5 (RFC 9562), for ever the same: its namespace is the
// entry that it belongs to, its name what it is there.

// partID is the id of what stands at a place in the document of an entry.
func partID(of catalogue.EntryID, at catalogue.Pointer) uuid.UUID {
	return uuid.NewSHA1(of, []byte(at))
}

// taxonomies is the namespace of taxonomies, whose names are the codes of the vocabularies.
var taxonomies = uuid.MustParse("6f1c2bd4-7a53-4c0e-9d41-0e8b5a7c3f26")

func taxonomyID(scheme string) uuid.UUID { return uuid.NewSHA1(taxonomies, []byte(scheme)) }

func termID(scheme, code string) uuid.UUID { return uuid.NewSHA1(taxonomyID(scheme), []byte(code)) }
