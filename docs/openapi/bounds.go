package openapi

import (
	"math"
	"slices"
)

// Bounds of what neither a comment nor the overlay bounds. No body of a request is larger than mostBytes, and what is answered
// comes from such bodies.
const (
	mostBytes   = 1 << 20
	mostItems   = mostBytes / 2 // the shortest elements are a digit and a comma
	mostMembers = mostBytes / 5 // the shortest are "":1 and a comma
	mostInteger = 1<<53 - 1     // that every JSON reader takes (RFC 8259, section 6)
)

// bound gives every schema the bounds that it does not have: who reads the description, a gateway that checks messages by it
// among them, should find none that are open (OWASP API4; the security profile of the Italian guidelines asks for it).
func bound(node any) {
	switch node := node.(type) {
	case object:
		boundSchema(node)
		for name, value := range node {
			if !slices.Contains([]string{"example", "examples", "default", "enum"}, name) {
				bound(value)
			}
		}
	case []any:
		for _, value := range node {
			bound(value)
		}
	}
}

func boundSchema(s object) {
	switch s["type"] {
	case "string":
		if s["enum"] == nil && s["format"] == nil {
			absent(s, "maxLength", mostBytes)
		}
	case "array":
		absent(s, "minItems", 0)
		absent(s, "maxItems", mostItems)
	case "integer":
		absent(s, "format", "int64")
		absent(s, "minimum", 0)
		if s["format"] == "int32" {
			absent(s, "maximum", math.MaxInt32)
		} else {
			absent(s, "maximum", mostInteger)
		}
	case "number":
		absent(s, "format", "double")
		absent(s, "minimum", -mostInteger)
		absent(s, "maximum", mostInteger)
	case "object":
		switch more := s["additionalProperties"]; {
		case more == nil && s["properties"] != nil:
			s["additionalProperties"] = false
		case more == nil, more == true:
			s["additionalProperties"] = object{}
			absent(s, "maxProperties", mostMembers)
		case more != false:
			absent(s, "maxProperties", mostMembers)
		}
	}
}

func absent(s object, name string, value any) {
	if s[name] == nil {
		s[name] = value
	}
}
