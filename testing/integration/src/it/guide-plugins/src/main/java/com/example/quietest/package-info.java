/** A way to balance load: the quietest node gets the message. */
@NullMarked
package com.example.quietest;

import org.jspecify.annotations.NullMarked;
