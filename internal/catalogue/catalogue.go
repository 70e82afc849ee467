// Package catalogue says what a catalogue of public services is: the documents of each kind, how they are read
// strictly, which rules they obey, and how a reader sees them. It does no input or output; storage, HTTP and the
// in-memory picture live in packages publishing, api and snapshot.
package catalogue
