package com.example;

import java.util.List;

/** In the house format. */
public record Formatted(List<String> names) {}
