package io.datawarehouse.web.fixtureone;

/** A class of the web. */
public final class WebThing {}
