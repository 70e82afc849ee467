package cpsv

import "github.com/comuneprato/service-catalogue/internal/format/rdf"

// names are those of CPSV-AP and of what it is made of, those of the Italian profiles under the prefixes that
// their ontologies state.
var names = rdf.NewVocabulary(
	rdf.Prefix{Name: "acapit", IRI: "https://w3id.org/italia/onto/AccessCondition/"},
	rdf.Prefix{Name: "adms", IRI: "http://www.w3.org/ns/adms#"},
	rdf.Prefix{Name: "clvapit", IRI: "https://w3id.org/italia/onto/CLV/"},
	rdf.Prefix{Name: "covapit", IRI: "https://w3id.org/italia/onto/COV/"},
	rdf.Prefix{Name: "cpsv", IRI: "http://purl.org/vocab/cpsv#"},
	rdf.Prefix{Name: "cpsvapit", IRI: "https://w3id.org/italia/onto/CPSV/"},
	rdf.Prefix{Name: "cv", IRI: "http://data.europa.eu/m8g/"},
	rdf.Prefix{Name: "dcat", IRI: "http://www.w3.org/ns/dcat#"},
	rdf.Prefix{Name: "dcatapit", IRI: "http://dati.gov.it/onto/dcatapit#"},
	rdf.Prefix{Name: "dct", IRI: "http://purl.org/dc/terms/"},
	rdf.Prefix{Name: "eli", IRI: "http://data.europa.eu/eli/ontology#"},
	rdf.Prefix{Name: "foaf", IRI: "http://xmlns.com/foaf/0.1/"},
	rdf.Prefix{Name: "geosparql", IRI: "http://www.opengis.net/ont/geosparql#"},
	rdf.Prefix{Name: "l0", IRI: "https://w3id.org/italia/onto/l0/"},
	rdf.Prefix{Name: "lapit", IRI: "https://w3id.org/italia/onto/Language/"},
	rdf.Prefix{Name: "locn", IRI: "http://www.w3.org/ns/locn#"},
	rdf.Prefix{Name: "muapit", IRI: "https://w3id.org/italia/onto/MU/"},
	rdf.Prefix{Name: "org", IRI: "http://www.w3.org/ns/org#"},
	rdf.Prefix{Name: "rdf", IRI: "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	rdf.Prefix{Name: "roapit", IRI: "https://w3id.org/italia/onto/RO/"},
	rdf.Prefix{Name: "skos", IRI: "http://www.w3.org/2004/02/skos/core#"},
	rdf.Prefix{Name: "smapit", IRI: "https://w3id.org/italia/onto/SM/"},
	rdf.Prefix{Name: "tiapit", IRI: "https://w3id.org/italia/onto/TI/"},
	rdf.Prefix{Name: "time", IRI: "http://www.w3.org/2006/time#"},
	rdf.Prefix{Name: "vcard", IRI: "http://www.w3.org/2006/vcard/ns#"},
	rdf.Prefix{Name: "xsd", IRI: "http://www.w3.org/2001/XMLSchema#"},
)

// Properties that things of every class have.
var (
	title       = names.Property("dct:title", rdf.Text)
	alternative = names.Property("dct:alternative", rdf.Text)
	description = names.Property("dct:description", rdf.Text)
	identifier  = names.Property("dct:identifier", rdf.String)
	typed       = names.Property("dct:type", rdf.Resource)
	languageOf  = names.Property("dct:language", rdf.Resource)
	spatial     = names.Property("dct:spatial", rdf.Resource)
	source      = names.Property("dct:source", rdf.Resource)
	references  = names.Property("dct:references", rdf.Resource)
	partOf      = names.Property("dct:isPartOf", rdf.Resource)
	hasPart     = names.Property("dct:hasPart", rdf.Resource)
	license     = names.Property("dct:license", rdf.Resource)
	issued      = names.Property("dct:issued", rdf.DateTime)
	modified    = names.Property("dct:modified", rdf.DateTime)
	page        = names.Property("foaf:page", rdf.Resource)
	prefLabel   = names.Property("skos:prefLabel", rdf.Text)

	italianName        = names.Property("l0:name", rdf.Text)
	italianDescription = names.Property("l0:description", rdf.Text)
	italianIdentifier  = names.Property("l0:identifier", rdf.String)
)

// Properties of terms.
var (
	notation     = names.Property("skos:notation", rdf.String)
	inScheme     = names.Property("skos:inScheme", rdf.Resource)
	definition   = names.Property("skos:definition", rdf.Text)
	otherNumbers = names.Property("adms:identifier", rdf.Resource)
)

// Properties of services.
var (
	audience         = names.Property("dct:audience", rdf.Resource)
	requires         = names.Property("dct:requires", rdf.Resource)
	replaces         = names.Property("dct:replaces", rdf.Resource)
	status           = names.Property("adms:status", rdf.Resource)
	keyword          = names.Property("dcat:keyword", rdf.Text)
	authority        = names.Property("cv:hasCompetentAuthority", rdf.Resource)
	contactPoint     = names.Property("cv:contactPoint", rdf.Resource)
	hasChannel       = names.Property("cv:hasChannel", rdf.Resource)
	hasCost          = names.Property("cv:hasCost", rdf.Resource)
	hasInput         = names.Property("cpsv:hasInput", rdf.Resource)
	hasInputType     = names.Property("cv:hasInputType", rdf.Resource)
	hasLegalResource = names.Property("cv:hasLegalResource", rdf.Resource)
	hasParticipation = names.Property("cv:hasParticipation", rdf.Resource)
	holdsRequirement = names.Property("cv:holdsRequirement", rdf.Resource)
	isClassifiedBy   = names.Property("cv:isClassifiedBy", rdf.Resource)
	isGroupedBy      = names.Property("cv:isGroupedBy", rdf.Resource)
	processingTime   = names.Property("cv:processingTime", rdf.Duration)
	relatedService   = names.Property("cv:relatedService", rdf.Resource)
	sector           = names.Property("cv:sector", rdf.Resource)
	thematicArea     = names.Property("cv:thematicArea", rdf.Resource)
	follows          = names.Property("cpsv:follows", rdf.Resource)
	produces         = names.Property("cpsv:produces", rdf.Resource)

	italianAuthentication = names.Property("cpsvapit:hasAuthenticationMethod", rdf.Resource)
	italianChannel        = names.Property("cpsvapit:hasChannel", rdf.Resource)
	italianCost           = names.Property("cpsvapit:hasCost", rdf.Resource)
	italianInput          = names.Property("cpsvapit:hasInput", rdf.Resource)
	italianInputType      = names.Property("cpsvapit:hasServiceInputOutputType", rdf.Resource)
	italianInteractivity  = names.Property("cpsvapit:hasiInteractivityLevel", rdf.Resource)
	italianKeyword        = names.Property("cpsvapit:serviceKeyword", rdf.Text)
	italianOutput         = names.Property("cpsvapit:producesOutput", rdf.Resource)
	italianProcessing     = names.Property("cpsvapit:hasProcessingTime", rdf.Resource)
	italianRelated        = names.Property("cpsvapit:relationService", rdf.Resource)
	italianRequires       = names.Property("cpsvapit:requiresService", rdf.Resource)
	italianRule           = names.Property("cpsvapit:isCompliantWithRule", rdf.Resource)
	italianSector         = names.Property("cpsvapit:serviceSector", rdf.Resource)
	italianStatus         = names.Property("cpsvapit:hasServiceStatus", rdf.Resource)
	italianTheme          = names.Property("cpsvapit:serviceTheme", rdf.Resource)
	italianWhere          = names.Property("cpsvapit:isPhysicallyAvailableAt", rdf.Resource)
	italianSpatial        = names.Property("clvapit:hasSpatialCoverage", rdf.Resource)
	italianLanguage       = names.Property("lapit:hasLanguage", rdf.Resource)
	italianPart           = names.Property("roapit:hasRiT", rdf.Resource)
)

// Properties of what belongs to services.
var (
	openingHours  = names.Property("cv:openingHours", rdf.Resource)
	specialHours  = names.Property("cv:specialOpeningHoursSpecification", rdf.Resource)
	ownedBy       = names.Property("cv:ownedBy", rdf.Resource)
	email         = names.Property("cv:email", rdf.String)
	telephone     = names.Property("cv:telephone", rdf.String)
	contactPage   = names.Property("cv:contactPage", rdf.Resource)
	costValue     = names.Property("cv:hasValue", rdf.Double)
	costCurrency  = names.Property("cv:currency", rdf.Resource)
	costBy        = names.Property("cv:isDefinedBy", rdf.Resource)
	costThrough   = names.Property("cv:ifAccessedThrough", rdf.Resource)
	conformsTo    = names.Property("dct:conformsTo", rdf.Resource)
	evidenceClass = names.Property("cv:evidenceTypeClassification", rdf.Resource)
	supportedBy   = names.Property("cv:hasSupportingEvidence", rdf.Resource)
	supports      = names.Property("cv:supportsRequirement", rdf.Resource)
	implements    = names.Property("cpsv:implements", rdf.Resource)
	documentDate  = names.Property("eli:date_document", rdf.Date)
	participant   = names.Property("cv:hasParticipant", rdf.Resource)
	participates  = names.Property("cv:participates", rdf.Resource)
	role          = names.Property("cv:role", rdf.Resource)
	contracting   = names.Property("cv:hasContractingAuthority", rdf.Resource)
	operator      = names.Property("cv:hasEconomicOperator", rdf.Resource)
	eventService  = names.Property("cv:hasRelatedService", rdf.Resource)
	frequency     = names.Property("cv:frequency", rdf.Resource)

	italianChannelType  = names.Property("cpsvapit:hasChannelType", rdf.Resource)
	italianReference    = names.Property("cpsvapit:accessReference", rdf.String)
	italianDocument     = names.Property("cpsvapit:referenceDoc", rdf.URI)
	italianFramework    = names.Property("cpsvapit:implementsFF", rdf.Resource)
	italianEventService = names.Property("cpsvapit:isEventForPS", rdf.Resource)
	forEntity           = names.Property("roapit:forEntity", rdf.Resource)
	roleOf              = names.Property("roapit:isRoleInTimeOf", rdf.Resource)
	withRole            = names.Property("roapit:withRole", rdf.Resource)
	value               = names.Property("muapit:value", rdf.Decimal)
	unit                = names.Property("muapit:hasMeasurementUnit", rdf.Resource)
	temporalEntity      = names.Property("tiapit:hasTemporalEntity", rdf.Resource)
	temporalCoverage    = names.Property("tiapit:hasTemporalCoverage", rdf.Resource)
	atTime              = names.Property("tiapit:atTime", rdf.Resource)
	startTime           = names.Property("tiapit:startTime", rdf.Date)
	endTime             = names.Property("tiapit:endTime", rdf.Date)
	dayOfWeek           = names.Property("tiapit:hasDayOfWeek", rdf.Resource)
	accessCondition     = names.Property("acapit:hasAccessCondition", rdf.Resource)
	opens               = names.Property("acapit:opens", rdf.Time)
	closes              = names.Property("acapit:closes", rdf.Time)
	reasonClosure       = names.Property("acapit:reasonClosure", rdf.Text)
	onlineContact       = names.Property("smapit:hasOnlineContactPoint", rdf.Resource)
	hasEmail            = names.Property("smapit:hasEmail", rdf.Resource)
	hasCertifiedEmail   = names.Property("smapit:hasCertifiedEmail", rdf.Resource)
	emailType           = names.Property("smapit:hasEmailType", rdf.Resource)
	emailOf             = names.Property("smapit:isEmailOf", rdf.Resource)
	emailAddress        = names.Property("smapit:emailAddress", rdf.URI)
	hasTelephone        = names.Property("smapit:hasTelephone", rdf.Resource)
	telephoneType       = names.Property("smapit:hasTelephoneType", rdf.Resource)
	telephoneOf         = names.Property("smapit:isTelephoneOf", rdf.Resource)
	telephoneNumber     = names.Property("smapit:telephoneNumber", rdf.String)
	hasWebSite          = names.Property("smapit:hasWebSite", rdf.Resource)
	webSiteOf           = names.Property("smapit:isWebSiteOf", rdf.Resource)
	webAddress          = names.Property("smapit:URL", rdf.URI)
)

// Properties of organisations and places.
var (
	altLabel      = names.Property("skos:altLabel", rdf.Text)
	homepage      = names.Property("foaf:homepage", rdf.Resource)
	legalName     = names.Property("covapit:legalName", rdf.Text)
	acronym       = names.Property("covapit:orgAcronym", rdf.String)
	ipaCode       = names.Property("covapit:IPAcode", rdf.String)
	taxCode       = names.Property("covapit:taxCode", rdf.String)
	vatNumber     = names.Property("covapit:VATnumber", rdf.String)
	officeCode    = names.Property("covapit:officeIdentifier", rdf.String)
	mainFunction  = names.Property("covapit:mainFunction", rdf.Text)
	unitOf        = names.Property("org:unitOf", rdf.Resource)
	subOf         = names.Property("org:subOrganizationOf", rdf.Resource)
	hasSite       = names.Property("org:hasSite", rdf.Resource)
	postalAddress = names.Property("locn:address", rdf.Resource)
	fullAddress   = names.Property("locn:fullAddress", rdf.Text)
	thoroughfare  = names.Property("locn:thoroughfare", rdf.Text)
	designator    = names.Property("locn:locatorDesignator", rdf.String)
	postName      = names.Property("locn:postName", rdf.Text)
	postCode      = names.Property("locn:postCode", rdf.String)
	country       = names.Property("locn:adminUnitL1", rdf.Text)
	province      = names.Property("locn:adminUnitL2", rdf.Text)
	district      = names.Property("locn:addressArea", rdf.Text)
	centroid      = names.Property("dcat:centroid", rdf.Point)
	italianFull   = names.Property("clvapit:fullAddress", rdf.Text)
	italianCode   = names.Property("clvapit:postCode", rdf.String)
)

// Properties of the description of the catalogue as open data.
var (
	datasetOf          = names.Property("dcat:dataset", rdf.Resource)
	distribution       = names.Property("dcat:distribution", rdf.Resource)
	theme              = names.Property("dcat:theme", rdf.Resource)
	themes             = names.Property("dcat:themeTaxonomy", rdf.Resource)
	dataContact        = names.Property("dcat:contactPoint", rdf.Resource)
	accessURL          = names.Property("dcat:accessURL", rdf.Resource)
	downloadURL        = names.Property("dcat:downloadURL", rdf.Resource)
	landingPage        = names.Property("dcat:landingPage", rdf.Resource)
	publisher          = names.Property("dct:publisher", rdf.Resource)
	rightsHolder       = names.Property("dct:rightsHolder", rdf.Resource)
	accrualPeriodicity = names.Property("dct:accrualPeriodicity", rdf.Resource)
	format             = names.Property("dct:format", rdf.Resource)
	agentName          = names.Property("foaf:name", rdf.Text)
	cardName           = names.Property("vcard:fn", rdf.String)
	cardEmail          = names.Property("vcard:hasEmail", rdf.Resource)
	cardURL            = names.Property("vcard:hasURL", rdf.Resource)
)
