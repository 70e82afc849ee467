package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Publisher is an organisation that publishes, and the namespace of its entries' keys. What readers see of it is the
// entry of kind publisher, see Profile.
type Publisher struct{ ent.Schema }

// Fields of the Publisher.
func (Publisher) Fields() []ent.Field {
	return []ent.Field{
		field.String("key").Immutable().Unique(),
		field.String("name"),
		field.String("policy").GoType(catalogue.Policy("")).Default(string(catalogue.PolicySelf)),
		field.Bool("require_if_match").Default(false).Comment("whether every write must say which version it replaces"),
		field.Text("stewardship").Default("").Comment("how it keeps its entries true, as JSON: catalogue.Stewardship; empty for the defaults"),
		field.Text("allowed_origins").Default("").Comment("of pages that may write from a browser, separated by spaces"),
		field.String("contact").Default("").Comment("who answers for it, for the operators of the catalogue"),
		field.Bool("public_body").Default(false),
		field.String("public_share").Default("").Comment("percent of its capital that is public"),
		field.String("public_share_as_of").Default("").Comment("a day"),
		field.Int("version").Default(1),
		field.Time("created_at").Immutable(),
	}
}
