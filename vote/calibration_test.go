package vote

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestCalibration(t *testing.T) {
	var c Calibration
	if !math.IsNaN(c.Brier()) || !math.IsNaN(c.ECE()) {
		t.Error("empty, and yet something")
	}
	c.Add(map[string]float64{"a": 0.75, "b": 0.25}, map[string]float64{"a": 0.5, "b": 0.5})
	if c.Polls != 1 || c.Brier() != 0.125 || c.ECE() != 0.25 {
		t.Errorf("Brier %v, ECE %v", c.Brier(), c.ECE())
	}
	c.Add(map[string]float64{"a": 3, "b": 1}, map[string]float64{"a": 100, "b": 0, "elsewhere": 70}) // scaled; in the same bins
	if c.Polls != 2 || c.Brier() != 0.125 || math.Abs(c.ECE()) > 1e-15 {
		t.Errorf("Brier %v, ECE %v", c.Brier(), c.ECE())
	}
	was := c
	for _, nothing := range []map[string]float64{nil, {}, {"a": 0, "b": 0}, {"a": -1, "b": 2}, {"a": math.NaN(), "b": 1}, {"a": math.Inf(1)}} {
		c.Add(map[string]float64{"a": 0.5, "b": 0.5}, nothing)
		c.Add(nothing, map[string]float64{"a": 0.5, "b": 0.5})
	}
	if c != was {
		t.Errorf("nothing changed %+v", c)
	}

	// Shares that come from the chances are calibrated; sure chances for the same shares are not.
	random := rand.New(rand.NewPCG(3, 3))
	var good, bold Calibration
	for range 2000 {
		p := random.Float64()
		won := 0.0
		if random.Float64() < p {
			won = 1
		}
		good.Add(map[string]float64{"a": p, "b": 1 - p}, map[string]float64{"a": won, "b": 1 - won})
		sure := math.Round(p)
		bold.Add(map[string]float64{"a": sure, "b": 1 - sure}, map[string]float64{"a": won, "b": 1 - won})
	}
	if good.ECE() > 0.03 || bold.ECE() < 0.2 || good.Brier() > bold.Brier() {
		t.Errorf("calibrated: %v, %v; too bold: %v, %v", good.Brier(), good.ECE(), bold.Brier(), bold.ECE())
	}
}
