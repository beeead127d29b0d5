/** A plugin of somebody else, made after the pattern of the echo plugin. */
@NullMarked
package com.example.greeter;

import org.jspecify.annotations.NullMarked;
