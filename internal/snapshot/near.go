package snapshot

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Near is a point, and how far around it a list looks.
type Near struct {
	catalogue.Point
	Radius float64 // metres; 0: however far
}

const (
	earthRadius = 6371008.8 // metres, the mean one of the IUGG
	degree      = math.Pi / 180
)

// distance is how far two points are from each other on a sphere, in metres, by the haversine formula.
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	sinLat, sinLon := math.Sin((lat2-lat1)*degree/2), math.Sin((lon2-lon1)*degree/2)
	h := sinLat*sinLat + math.Cos(lat1*degree)*math.Cos(lat2*degree)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// box is the smallest box of latitudes and longitudes around a circle. One that a pole or the date line cuts is all there
// is.
func (n Near) box() (least, most [2]float64) {
	lat := n.Radius / earthRadius / degree
	if n.Radius == 0 || math.Abs(*n.Lat)+lat >= 90 {
		return [2]float64{-180, -90}, [2]float64{180, 90}
	}
	lon := math.Asin(math.Sin(n.Radius/earthRadius)/math.Cos(*n.Lat*degree)) / degree
	if math.Abs(*n.Lon)+lon > 180 {
		return [2]float64{-180, -90}, [2]float64{180, 90}
	}
	return [2]float64{*n.Lon - lon, *n.Lat - lat}, [2]float64{*n.Lon + lon, *n.Lat + lat}
}

// distances says how far what lies within the radius is, by the nearest of its points.
func (s *Snapshot) distances(kind catalogue.Kind, n Near) map[ordinal]float64 {
	found := map[ordinal]float64{}
	least, most := n.box()
	s.points[kind].Search(least, most, func(at, _ [2]float64, number ordinal) bool {
		d := distance(*n.Lat, *n.Lon, at[1], at[0])
		if known, ok := found[number]; (!ok || d < known) && (n.Radius == 0 || d <= n.Radius) {
			found[number] = d
		}
		return true
	})
	return found
}

// byDistance finds a page in the order of distance.
func (s *Snapshot) byDistance(q Query, after rank, matching *roaring.Bitmap, distances map[ordinal]float64) selection {
	type place struct {
		*node
		at rank
	}
	var places []place
	for it := matching.Iterator(); it.HasNext(); {
		n, _ := s.nodes.Get(it.Next())
		places = append(places, place{n, distanceRank(distances[n.ordinal], n.ID)})
	}
	slices.SortFunc(places, func(a, b place) int {
		if q.Descending {
			a, b = b, a
		}
		return strings.Compare(string(a.at), string(b.at))
	})
	found := selection{total: len(places)}
	for _, p := range places {
		if after != "" && (!q.Descending && p.at <= after || q.Descending && p.at >= after) {
			continue
		}
		if len(found.nodes) == q.Limit {
			found.next = sealCursor(q, distanceRank(distances[found.nodes[q.Limit-1].ordinal], found.nodes[q.Limit-1].ID))
			break
		}
		found.nodes = append(found.nodes, p.node)
	}
	return found
}

// distanceRank is the place of an entry in the order of distance, to the millimetre.
func distanceRank(metres float64, id catalogue.EntryID) rank {
	return rank(string(binary.BigEndian.AppendUint64(nil, uint64(metres*1000))) + string(id[:]))
}

// Reaches reports whether a point lies within the radius.
func (n Near) Reaches(p *catalogue.Point) bool {
	return p != nil && p.Lat != nil && p.Lon != nil && distance(*n.Lat, *n.Lon, *p.Lat, *p.Lon) <= n.Radius
}
