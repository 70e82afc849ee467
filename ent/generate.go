// Package ent holds the data model: package schema is written by hand, package db is generated from it and never
// edited. What the rows mean is decided in packages publishing and identity.
package ent

//go:generate go run entc.go
