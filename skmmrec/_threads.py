"""The same bits on any number of threads."""

from threadpoolctl import threadpool_limits

# For what calls solvers of LAPACK (eigh, svd, solve, inv): they split their work by the
# number of threads, which changes the last digits; products of matrices do not.
one_blas_thread = threadpool_limits.wrap(limits=1, user_api="blas")
