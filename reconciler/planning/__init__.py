"""Prior, observed and desired become changes. Pure: same values in, same plan out."""
