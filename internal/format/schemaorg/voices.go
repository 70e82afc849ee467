package schemaorg

// voices are the parts of a service that the check of the ministry asks for (Modello Comuni, R.SI.1.1), by the names that
// it gives them.
var voices = []struct {
	name string
	in   func(s *Service) string
}{
	{"name", func(s *Service) string { return s.Name }},
	{"serviceType", func(s *Service) string { return s.ServiceType }},
	{"serviceOperator.name", func(s *Service) string { return or(s.ServiceOperator).Name }},
	{"areaServed.name", func(s *Service) string { return or(s.AreaServed).Name }},
	{"audience.audienceType", func(s *Service) string { return or(s.Audience).AudienceType }},
	{"availableChannel.serviceUrl", func(s *Service) string { return or(s.AvailableChannel).ServiceURL }},
	{"availableChannel.serviceLocation.name", func(s *Service) string { return or(or(s.AvailableChannel).ServiceLocation).Name }},
	{"availableChannel.serviceLocation.address.streetAddress", func(s *Service) string { return s.where().StreetAddress }},
	{"availableChannel.serviceLocation.address.postalCode", func(s *Service) string { return s.where().PostalCode }},
	{"availableChannel.serviceLocation.address.addressLocality", func(s *Service) string { return s.where().AddressLocality }},
}

// Missing names the parts that the check of the ministry would miss in a service; none: it passes.
func (s *Service) Missing() []string {
	missing := []string{}
	for _, v := range voices {
		if v.in(s) == "" {
			missing = append(missing, v.name)
		}
	}
	return missing
}

func (s *Service) where() Address {
	return or(or(or(s.AvailableChannel).ServiceLocation).Address)
}

// or is what a pointer leads to, nothing where it leads nowhere.
func or[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
