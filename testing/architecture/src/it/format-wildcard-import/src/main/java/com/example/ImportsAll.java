package com.example;

import java.util.*;

/** Imports a whole package. */
public record ImportsAll(List<String> names) {}
