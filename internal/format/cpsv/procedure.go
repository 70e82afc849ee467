package cpsv

import (
	"cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
)

// procedure says of a procedure what the profiles ask for: to both it is a rule.
func (w *writer) procedure(n *rdf.Node, e *catalogue.Entry, p *catalogue.Procedure) {
	n.Is("cpsv:Rule", "cpsvapit:Rule")
	described(w.named(n, e, p.Title), p.Summary, p.Description, p.Title)
}

func (w *writer) procedureInFull(n *rdf.Node, e *catalogue.Entry, p *catalogue.Procedure) {
	if len(p.Summary) > 0 {
		described(n, p.Description)
	}
	acts := w.legalBasis(n, e, p.LegalBasis)
	n.Link(implements, acts...).Link(italianFramework, acts...)
	if office := w.Public(catalogue.KindOffice, p.ResponsibleOffice); office != nil {
		n.Link(authority, w.public(office))
	}
	requirements, evidence := w.requirements(n, e, nil, p.Evidence, nil)
	n.Link(holdsRequirement, requirements...).Link(hasInput, evidence...)
	n.Link(produces, w.outputs(n, e, p.Outputs, nil)...).Link(hasCost, w.costs(n, e, p.Costs, p.PaymentText)...)
	if p.Term != nil {
		n.Set(processingTime, duration(cmp.Or(p.Term.Max, p.Term.Typical)))
	}
	for i, s := range p.Steps {
		step := w.part(n, "step", i).Is("cpsv:Rule", "cpsvapit:Rule")
		described(w.named(step, e, s.Title), s.Text, s.Title).Set(processingTime, duration(s.Duration))
		n.Link(hasPart, step.Link(typed, w.term("step-actors", s.Actor)))
		w.document(step, page, s.URL, s.Title)
	}
	w.document(n, page, p.OnlineURL, nil)
	w.document(n, page, p.TrackingURL, nil)
	for _, list := range [][]catalogue.Attachment{p.Forms, p.Documents} {
		w.attachments(n, list)
	}
}
