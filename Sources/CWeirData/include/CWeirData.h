#ifndef WEIR_DATA_H
#define WEIR_DATA_H

#include <stddef.h>

/// The price and model catalogue, as JSON. See catalogue.json beside this header's source.
const unsigned char *weir_catalogue_bytes(void);

/// Length of the catalogue in bytes.
size_t weir_catalogue_length(void);

#endif
