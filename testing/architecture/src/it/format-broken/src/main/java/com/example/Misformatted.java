package com.example;

/** In a format of its own. */
public record Misformatted(String name)
{
}
