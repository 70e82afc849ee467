package cpsv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// requirements are what an applicant must be, and the evidence for it, tied by its codes; needed stands for evidence that
// is told in words alone.
func (w *writer) requirements(n *rdf.Node, e *catalogue.Entry, requirements []catalogue.Requirement, list []catalogue.Evidence, needed lang.Text) (wanted, evidence []*rdf.Node) {
	byCode := map[string]*rdf.Node{}
	for i, item := range list {
		x := w.named(w.numbered(n, "evidence", i).Is("cv:Evidence", "cpsvapit:Input"), e, item.Title)
		kind := w.term("input-output-types", item.Type, "cpsvapit:ServiceInputOutputType")
		described(x, item.Description).Link(typed, kind).Link(italianInputType, kind).Link(conformsTo, w.inputType(n, item))
		x.Link(languageOf, w.languages(item.Languages)...).Set(italianDocument, rdf.Address(item.URL))
		w.document(x, page, item.URL, item.Title)
		if item.Code != "" {
			byCode[item.Code] = x
		}
		evidence = append(evidence, x)
	}
	if len(list) == 0 && len(needed) > 0 {
		x := w.part(n, "evidence").Is("cv:Evidence", "cpsvapit:Input")
		evidence = append(evidence, described(w.named(x, e, said("field.neededText")), needed))
	}
	for i, item := range requirements {
		r := w.named(w.numbered(n, "requirement", i).Is("cv:Requirement", "cpsvapit:Requirement"), e, item.Title)
		described(r, item.Description, item.Question).Link(typed, w.term("requirement-types", item.Type))
		for _, code := range item.Evidence {
			if x := byCode[code]; x != nil {
				r.Link(supportedBy, x)
				x.Link(supports, r)
			}
		}
		wanted = append(wanted, r)
	}
	return wanted, evidence
}

// inputType is the type of a piece of evidence, of which its term is the class; nil where none is stated.
func (w *writer) inputType(n *rdf.Node, item catalogue.Evidence) *rdf.Node {
	kind := w.term("input-output-types", item.Type, "cpsvapit:ServiceInputOutputType")
	if kind == nil {
		return nil
	}
	return w.part(n, "evidence-type-"+item.Type).Is("cv:EvidenceType").Set(identifier, item.Type).Link(evidenceClass, kind)
}

func (w *writer) inputTypes(n *rdf.Node, list []catalogue.Evidence) {
	for _, item := range list {
		n.Link(hasInputType, w.inputType(n, item))
	}
}

// outputs are what an applicant gets; outcome stands for those that are told in words alone.
func (w *writer) outputs(n *rdf.Node, e *catalogue.Entry, list []catalogue.Output, outcome lang.Text) (nodes []*rdf.Node) {
	for i, item := range list {
		o := w.named(w.part(n, "output", i).Is("cv:Output", "cpsvapit:Output"), e, item.Title)
		described(o, item.Description).Link(typed, w.term("output-types", item.Sort))
		o.Link(italianInputType, w.term("input-output-types", item.Type, "cpsvapit:ServiceInputOutputType"))
		nodes = append(nodes, o)
	}
	if len(list) == 0 && len(outcome) > 0 {
		o := w.part(n, "output").Is("cv:Output", "cpsvapit:Output")
		nodes = append(nodes, described(w.named(o, e, said("field.outcomeText")), outcome))
	}
	return nodes
}

// costs are the prices that are in force or will be; words stands for those that are told in words alone. Where a price is
// a range, its value is the least.
func (w *writer) costs(n *rdf.Node, e *catalogue.Entry, list []catalogue.Cost, words lang.Text) (nodes []*rdf.Node) {
	for i, item := range list {
		if w.During(item.ValidFrom, item.ValidTo) == catalogue.Past {
			continue
		}
		c := w.named(w.numbered(n, "cost", i).Is("cv:Cost"), e, item.Label)
		described(c, item.Note)
		if text := item.Exemptions; len(text) > 0 {
			described(c, text)
		}
		amount := item.Amount
		if item.Free {
			amount = "0"
		}
		if amount == "" {
			c.Is("cpsvapit:VariableCost")
		} else {
			currency := w.currency(item.Currency)
			c.Set(costValue, double(amount)).Link(costCurrency, currency)
			if item.AmountMax == "" {
				c.Is("cpsvapit:FixedCost", "muapit:Value").Set(value, amount).Link(unit, currency)
			} else {
				described(c.Is("cpsvapit:VariableCost"), said("cpsv.range", item.Amount, item.AmountMax, item.Currency))
			}
		}
		if setter := w.Public(catalogue.KindPublisher, item.DefinedBy); setter != nil {
			c.Link(costBy, w.agent(setter))
		}
		if item.Percentage != "" {
			described(c, said("cpsv.percentage", item.Percentage))
			described(c, item.PercentageOf)
		}
		c.Link(temporalCoverage, w.interval(c, item.ValidFrom, item.ValidTo))
		nodes = append(nodes, c)
	}
	if len(list) == 0 && len(words) > 0 {
		c := w.numbered(n, "cost", 0).Is("cv:Cost", "cpsvapit:VariableCost")
		nodes = append(nodes, described(w.named(c, e), words))
	}
	return nodes
}

// numbered is a part of a node that may be a part itself.
func (w *writer) numbered(of *rdf.Node, name string, i int) *rdf.Node {
	if strings.Contains(of.IRI, "#") {
		return w.graph.Node(fmt.Sprintf("%s-%s-%d", of.IRI, name, i+1))
	}
	return w.part(of, name, i)
}

// legalBasis are the acts that something rests on.
func (w *writer) legalBasis(n *rdf.Node, e *catalogue.Entry, acts []catalogue.LegalReference) (nodes []*rdf.Node) {
	for i, act := range acts {
		nodes = append(nodes, w.legal(n, e, act, i))
	}
	return nodes
}

func (w *writer) legal(of *rdf.Node, e *catalogue.Entry, act catalogue.LegalReference, i int) *rdf.Node {
	l := w.named(w.numbered(of, "legal", i).Is("eli:LegalResource", "cpsvapit:FormalFramework"), e, act.Title)
	l.Link(typed, w.term("legal-act-types", act.Type)).Set(documentDate, act.Date).Set(italianDocument, rdf.Address(act.URL))
	w.document(l, page, act.URL, nil)
	return l
}

// Means of contact, by their types: which profile has a word for them.
var (
	byVoice  = []string{"phone", "freephone", "mobile"}
	byMail   = []string{"email", "pec"}
	onTheWeb = []string{"website", "contact_form", "booking_page", "chat", "video_call", "social", "app"}
)

// Terms of the list of channels that say what sort of number or address something is.
const (
	typeCounter  = "01.1.1"
	typeVoice    = "03.1"
	typeFax      = "03.3"
	typePEC      = "04.1"
	typeEmail    = "04.2"
	typeWebsite  = "02.3"
	typeAnything = "01"
)

// contacts are the points of contact of a node. An Italian one has an electronic address, so who is reached by telephone
// alone has none.
func (w *writer) contacts(n *rdf.Node, e *catalogue.Entry, contacts []catalogue.Contact, p rdf.Property) {
	for i, contact := range contacts {
		c := w.numbered(n, "contact", i).Is("cv:ContactPoint")
		n.Link(p, c)
		w.named(c, e)
		c.Say(title, firstOf(contact.Label))
		w.hours(c, contact.Timetable)
		italian := slices.ContainsFunc(contact.Entries, func(entry catalogue.ContactEntry) bool {
			return slices.Contains(byMail, entry.Type) && rdf.Address("mailto:"+entry.Value) != ""
		})
		if italian {
			c.Is("smapit:OnlineContactPoint").Say(italianName, contact.Label)
			n.Link(onlineContact, c)
		}
		for j, entry := range contact.Entries {
			w.contact(c, entry, j, italian)
		}
	}
}

func (w *writer) contact(c *rdf.Node, entry catalogue.ContactEntry, i int, italian bool) {
	node := func(class string) *rdf.Node { return w.numbered(c, "entry", i).Is(class) }
	switch kind := entry.Type; {
	case slices.Contains(byVoice, kind) || kind == "fax":
		number := phone(entry)
		sort := typeVoice
		if kind == "fax" {
			sort = typeFax
		} else {
			c.Set(telephone, number)
		}
		if italian {
			t := node("smapit:Telephone").Set(telephoneNumber, number).Link(telephoneType, w.term("channels", sort, "smapit:TelephoneType")).Link(telephoneOf, c)
			c.Link(hasTelephone, t)
		}
	case slices.Contains(byMail, kind):
		c.Set(email, entry.Value)
		address := rdf.Address("mailto:" + entry.Value)
		if address == "" {
			return
		}
		sort, has := typeEmail, hasEmail
		if kind == "pec" {
			sort, has = typePEC, hasCertifiedEmail
		}
		m := node("smapit:Email").Set(emailAddress, address).Link(emailType, w.term("channels", sort, "smapit:EmailType")).Link(emailOf, c)
		c.Link(hasEmail, m).Link(has, m)
	case slices.Contains(onTheWeb, kind):
		if w.document(c, contactPage, entry.Value, entry.Note) != nil && italian {
			c.Link(hasWebSite, node("smapit:WebSite").Set(webAddress, rdf.Address(entry.Value)).Link(webSiteOf, c))
		}
	}
}

// phone is a number with its extension.
func phone(entry catalogue.ContactEntry) string {
	if entry.Extension == "" {
		return entry.Value
	}
	return entry.Value + ";ext=" + entry.Extension
}

// double is an amount in the one form that every JSON-LD processor makes of it (XML Schema, canonical representation).
func double(amount string) string {
	f, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return ""
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	power, err := strconv.Atoi(exponent)
	if err != nil {
		return ""
	}
	return mantissa + "E" + strconv.Itoa(power)
}
