package vote

import (
	"math"
	"math/rand/v2"
)

const (
	futures = 256 // of a forecast
	exact   = 48  // the most ballots to come that are drawn from their exact distribution

	dimensions = 2 + 2*MaxChoices // for the turnout and each choice, and for the contrary of each
)

// points are where the futures lie: in every dimension one in each of as many equal parts of the unit interval as there are futures,
// in an order of its own (a Latin hypercube, McKay, Beckman and Conover 1979, with the parts' middles). They spread far more evenly
// than random ones, and being the same for every forecast, they make two forecasts differ only where the polls do.
var points = latinHypercube()

type point struct {
	u, z float64 // u in (0, 1), and the standard normal deviate that is below z with chance u
}

func latinHypercube() *[dimensions][futures]point {
	random := rand.New(rand.NewPCG(1967, 127))
	var at [dimensions][futures]point
	for d := range at {
		for f, part := range random.Perm(futures) {
			u := (float64(part) + 0.5) / futures
			at[d][f] = point{u: u, z: math.Sqrt2 * math.Erfinv(2*u-1)}
		}
	}
	return &at
}

// beta is what a share may be, as known from a ballots for and b against it.
type beta struct {
	a, b float64
	cdf  [][]float64 // by n up to exact: the chances of at most 0, 1, … of n; filled when asked for
}

func newBeta(a, b float64) beta { return beta{a: a, b: b} }

// part is how many of n are for it in the f-th future: a beta-binomial draw.
func (s *beta) part(n, f, dimension int) int {
	switch {
	case n == 0 || s.a <= 0:
		return 0
	case s.b <= 0:
		return n
	case n <= exact:
		cdf, u := s.upTo(n), points[dimension][f].u
		for x, chance := range cdf {
			if u < chance {
				return x
			}
		}
		return n
	}
	c := shrink(s.a+s.b, n)
	x := gamma(s.a*c, f, dimension)
	y := gamma(s.b*c, f, dimensions-1-dimension) // that dimension's mirror image
	if x+y == 0 {
		return int(s.a / (s.a + s.b) * float64(n))
	}
	return int(math.Floor(float64(n)*x/(x+y) + 0.5))
}

// upTo is the distribution function for n, from the ratio of neighbouring chances:
// p(x+1)/p(x) = (n−x)(a+x) / ((x+1)(b+n−x−1)).
func (s *beta) upTo(n int) []float64 {
	if s.cdf == nil {
		s.cdf = make([][]float64, exact+1)
	}
	if s.cdf[n] != nil {
		return s.cdf[n]
	}
	cdf := make([]float64, n+1)
	chance, total := 1.0, 0.0
	for x := range cdf {
		total += chance
		cdf[x] = total
		chance *= float64(n-x) * (s.a + float64(x)) / (float64(x+1) * (s.b + float64(n-x) - 1))
	}
	for x := range cdf {
		cdf[x] /= total
	}
	s.cdf[n] = cdf
	return cdf
}

// shrink is by what to multiply the weights of a Dirichlet distribution, which add up to total, to give shares of n the mean and
// covariance that the Dirichlet-multinomial distribution of those weights gives them: with the sum s of weights the covariance of shares is
// proportional to 1/(s+1), and to (total+n)/(n(total+1)) there.
func shrink(total float64, n int) float64 { return float64(n-1) / (total + float64(n)) }

// gamma is a deviate of the gamma distribution of that shape, after Wilson and Hilferty (1931): its cube root is nearly normal.
func gamma(shape float64, f, dimension int) float64 {
	if shape <= 0 {
		return 0
	}
	root := 1 - 1/(9*shape) + points[dimension][f].z/(3*math.Sqrt(shape))
	if root <= 0 {
		return 0
	}
	return shape * root * root * root
}
