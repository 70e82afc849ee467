package importing

import (
	"crypto/sha256"
	"fmt"
)

// unique refuses rows about an entry that a row before was about. Of those it keeps 16 bytes and their number.
type unique struct {
	Reader
	seen map[[16]byte]int
}

func newUnique(r Reader) *unique { return &unique{r, map[[16]byte]int{}} }

func (u *unique) Next() (Row, error) {
	row, err := u.Reader.Next()
	if err != nil {
		return row, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", row.Kind, row.Ref()))
	name := [16]byte(sum[:16])
	if first, ok := u.seen[name]; ok {
		return row, &RowError{row.Number, fault(faultDuplicate, first)}
	}
	u.seen[name] = row.Number
	return row, nil
}
