package com.example;

import java.util.List;

/** Leaves out a type argument. */
public record RawType(List names) {}
