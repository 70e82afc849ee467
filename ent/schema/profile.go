package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Profile is what the write side asks of an entry of kind publisher, the public profile of a Publisher.
type Profile struct{ ent.Schema }

// Mixin of the Profile.
func (Profile) Mixin() []ent.Mixin { return []ent.Mixin{extension{kind: "profile"}} }

// Fields of the Profile.
func (Profile) Fields() []ent.Field {
	return []ent.Field{
		field.String("organisation_type").Default(""),
		field.String("ipa_code").Default("").Comment("the code in the national index of administrations"),
		field.String("tax_code").Default(""),
	}
}
