package catalogue

import (
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// StoredPublic is Stored without what readers do not get: the texts in languages that the publisher holds back.
func StoredPublic(kind Kind, stored string) (Document, error) {
	doc, err := Stored(kind, stored)
	if err == nil {
		withoutHeldBack(doc)
	}
	return doc, err
}

// withoutHeldBack takes the texts in languages that are held back out of a document, so that readers get the Italian.
func withoutHeldBack(doc Document) {
	held := doc.Common().HeldBack
	if len(held) == 0 {
		return
	}
	Texts(doc, func(text lang.Text, _ Pointer) {
		for _, tag := range held {
			delete(text, lang.Tag(tag))
		}
	})
}
