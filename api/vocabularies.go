package api

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Vocabulary stands for a controlled vocabulary in the description; catalogue.Words writes it.
type Vocabulary struct {
	Code        string           `json:"code" example:"topics"`
	URL         string           `json:"url" format:"uri"`
	Title       lang.Text        `json:"title"`
	URI         string           `json:"uri,omitempty" format:"uri"`            // of the official list
	Source      string           `json:"source,omitempty"`                      // where it comes from
	Licence     string           `json:"licence,omitempty" example:"CC-BY-4.0"` // SPDX identifier
	Attribution string           `json:"attribution,omitempty"`
	Size        int              `json:"size" example:"64"` // how many terms it has
	Terms       []VocabularyTerm `json:"terms,omitempty"`   // not in the list of vocabularies
	Lang        string           `json:"lang" example:"it"`
	Fallback    []string         `json:"fallback,omitempty"` // JSON Pointers of the texts shown in Italian instead
}

// VocabularyTerm stands for one value of a vocabulary.
type VocabularyTerm struct {
	Code       string    `json:"code" example:"anagrafe"`
	URI        string    `json:"uri,omitempty" format:"uri"`
	Label      lang.Text `json:"label"`
	Definition lang.Text `json:"definition,omitempty"`
	Broader    string    `json:"broader,omitempty"`    // code of the term that includes it
	Deprecated bool      `json:"deprecated,omitempty"` // not to be used any more
}

// VocabularyPage is the list of all vocabularies.
type VocabularyPage struct {
	Items []Vocabulary `json:"items"`
	Total int          `json:"total"`
}

// vocabularies answers the list of the controlled vocabularies.
//
//	@Summary		List the controlled vocabularies
//	@Description	Documents hold codes of these; views show code, URI and label.
//	@Tags			vocabularies
//	@ID				listVocabularies
//	@Produce		json
//	@Param			lang			query		string	false	"language of the texts; `*` for all of them"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			Accept-Language	header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Success		200				{object}	VocabularyPage
//	@Success		304				"Not Modified"
//	@Failure		400				{object}	Problem
//	@Router			/v1/vocabularies [get]
func (s *server) vocabularies(c echo.Context) error {
	return s.replyVocabulary(c, "", func(w catalogue.Words) []byte {
		all := vocabulary.All()
		items := make([]string, len(all))
		for i, scheme := range all {
			items[i] = string(w.VocabularyItem(scheme).Append(nil))
		}
		return fmt.Appendf(nil, `{"items":[%s],"total":%d}`, strings.Join(items, ","), len(all))
	})
}

// vocabulary answers one controlled vocabulary.
//
//	@Summary	Get a controlled vocabulary
//	@Tags		vocabularies
//	@ID			showVocabulary
//	@Produce	json
//	@Param		scheme			path		string	true	"code of the vocabulary"
//	@Param		lang			query		string	false	"language of the texts; `*` for all of them"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param		Accept-Language	header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Success	200				{object}	Vocabulary
//	@Success	304				"Not Modified"
//	@Failure	400				{object}	Problem
//	@Failure	404				{object}	Problem
//	@Router		/v1/vocabularies/{scheme} [get]
func (s *server) vocabulary(c echo.Context) error {
	scheme, ok := vocabulary.Get(c.Param("scheme"))
	if !ok {
		return fmt.Errorf("vocabulary %q: %w", c.Param("scheme"), catalogue.ErrNotFound)
	}
	return s.replyVocabulary(c, scheme.Code, func(w catalogue.Words) []byte { return w.Vocabulary(scheme).Append(nil) })
}

func (s *server) replyVocabulary(c echo.Context, scheme string, encode func(catalogue.Words) []byte) error {
	p := query(c, "lang")
	tag := language(c, p)
	if err := p.err(); err != nil {
		return err
	}
	answer := s.constants.get(constantKey{"vocabularies/" + scheme, tag, coding(c)}, func() []byte {
		return encode(catalogue.Words{Lang: tag, PublicURL: s.PublicURL})
	})
	varyBy(c, varyByCoding)
	return s.send(c, jsonType, tag, publicCache, answer)
}
