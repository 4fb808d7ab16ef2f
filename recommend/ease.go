package recommend

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// MaxHead is how many of the most popular items the matrix of [EASE] spans in a model. It bounds a training to 2 s of one core and 100 MB while it
// lasts, and a model to 16 MB.
const MaxHead = 2000

// easeRidge is λ of a model's [EASE].
const easeRidge = 250

var errSingular = errors.New("the counts are those of no people")

// EASE is the linear model without self-loops of H. Steck, "Embarrassingly shallow autoencoders for sparse data" (2019): with P = (G + λI)⁻¹
// of the matrix G of how many people took up both items, the weight of item a for item b is −P[a,b] / P[b,b]. Row a of the n × n result
// holds what having taken up a says for every b. G is given by its upper half,
// and not to be that of too few: an error says that it has no inverse. It takes about n³ / 4 ns of one core and 24 n² bytes.
func EASE(n int, lambda float64, gram func(a, b int) float64) ([]float32, error) {
	g := mat.NewSymDense(n, nil)
	for a := range n {
		for b := a; b < n; b++ {
			g.SetSym(a, b, gram(a, b))
		}
		g.SetSym(a, a, g.At(a, a)+lambda)
	}
	var factor mat.Cholesky
	if !factor.Factorize(g) { // counts of real people have no negative eigenvalue, those that lost pairs may
		return nil, errSingular
	}
	if err := factor.InverseTo(g); err != nil {
		return nil, err
	}
	weights := make([]float32, n*n)
	for b := range n {
		by := -1 / g.At(b, b)
		for a := range n {
			if a != b {
				weights[a*n+b] = float32(g.At(a, b) * by)
			}
		}
	}
	return weights, nil
}
