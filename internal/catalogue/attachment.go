package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Attachment is a document to read or to fill in, with its files (foaf:Document; Modello Comuni, tipologia Documento
// pubblico).
type Attachment struct {
	Title             lang.Text `json:"title" validate:"required,text=500"`
	Description       lang.Text `json:"description,omitempty" validate:"text=5000"`
	Type              string    `json:"type,omitempty" extensions:"x-vocabulary=document-kinds"`
	Identifier        string    `json:"identifier,omitempty" validate:"max=255"`                      // of the document
	Protocol          string    `json:"protocol,omitempty" validate:"max=100" example:"2026/0012345"` // its number in the register of the office
	Version           string    `json:"version,omitempty" validate:"max=50" example:"2.1"`
	Licence           string    `json:"licence,omitempty" extensions:"x-vocabulary=licences"`
	ResponsibleOffice string    `json:"responsibleOffice,omitempty" extensions:"x-reference=office"`
	ValidFrom         string    `json:"validFrom,omitempty" validate:"omitempty,date" format:"date"` // first day
	ValidTo           string    `json:"validTo,omitempty" validate:"omitempty,date" format:"date"`   // last day
	Files             []File    `json:"files" validate:"min=1,max=30,dive"`                          // the same in several formats or languages
}

// File is one file of an Attachment.
type File struct {
	URL      string `json:"url" validate:"required,link" format:"uri"`
	Format   string `json:"format,omitempty" validate:"max=100" example:"application/pdf"` // media type
	Language string `json:"language,omitempty" extensions:"x-vocabulary=languages"`
	Size     int    `json:"size,omitempty" validate:"min=0,max=2000000000" example:"183204"`                                                           // bytes
	Checksum string `json:"checksum,omitempty" validate:"omitempty,sha256" example:"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"` // SHA-256, in hexadecimal
}

func (c *checker) attachments(field Pointer, attachments []Attachment) {
	for i, a := range attachments {
		at := field.Index(i)
		c.order(at.Field("validTo"), a.ValidFrom, a.ValidTo)
		for j, f := range a.Files {
			c.link(at.Field("files").Index(j).Field("url"), f.URL)
		}
	}
}
