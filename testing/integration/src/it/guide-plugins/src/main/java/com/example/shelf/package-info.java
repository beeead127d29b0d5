/** A store that keeps everything in memory. */
@NullMarked
package com.example.shelf;

import org.jspecify.annotations.NullMarked;
