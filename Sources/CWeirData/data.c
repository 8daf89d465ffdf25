#include "CWeirData.h"

static const unsigned char catalogue[] = {
#embed "catalogue.json"
};

const unsigned char *weir_catalogue_bytes(void) { return catalogue; }

size_t weir_catalogue_length(void) { return sizeof(catalogue); }
