/** A way to keep messages together: those of one tenant go to one node. */
@NullMarked
package com.example.tenant;

import org.jspecify.annotations.NullMarked;
