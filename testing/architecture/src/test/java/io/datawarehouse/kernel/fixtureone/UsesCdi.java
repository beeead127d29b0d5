package io.datawarehouse.kernel.fixtureone;

import jakarta.enterprise.context.Dependent;

/** A core that is a bean. */
@Dependent
public final class UsesCdi {}
