package jobs_test

import (
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
