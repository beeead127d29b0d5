package io.datawarehouse.plugin.fixturetwo;

/** A class of another plugin. */
public final class OtherPlugin {}
