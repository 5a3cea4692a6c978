// Stands for d3-geo-projection, which Debian does not have: Vega takes one projection for maps from there.
export const geoMollweide = undefined;
