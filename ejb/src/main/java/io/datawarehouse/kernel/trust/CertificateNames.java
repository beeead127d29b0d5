package io.datawarehouse.kernel.trust;

/** How a certificate names its node: everybody who connects is shown it. */
public enum CertificateNames {
  /** Sealed: those with an accepted join token read it, all others see random bytes. */
  SEALED,
  /** In the open, as nodes of before sealed names need it; for the time of an upgrade. */
  OPEN
}
