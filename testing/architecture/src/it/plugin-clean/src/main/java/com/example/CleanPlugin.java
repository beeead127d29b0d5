package com.example;

import io.datawarehouse.sdk.plugin.PluginId;

/** Knows the SDK, and nothing else of ours. */
public record CleanPlugin(PluginId id) {}
