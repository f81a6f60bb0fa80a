package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// tlsFlags say whether and with which certificate the stub speaks TLS.
type tlsFlags struct {
	TLS      bool   `name:"tls" help:"Serve https, with a certificate that is made at each start for localhost, the loopback addresses and the host of --addr, or with your own."`
	TLSCAOut string `name:"tls-ca-out" placeholder:"FILE" help:"Write what signed the made certificate to this file (PEM), for clients to trust."`
	TLSCert  string `name:"tls-cert" placeholder:"FILE" help:"Serve https with this certificate (PEM), with its chain."`
	TLSKey   string `name:"tls-key" placeholder:"FILE" help:"The private key of --tls-cert (PEM)."`
}

// check refuses flags that need others.
func (f *tlsFlags) check() error {
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key need each other")
	}
	if f.TLSCAOut != "" && (!f.TLS || f.TLSCert != "") {
		return errors.New("--tls-ca-out is for the certificate that --tls makes, without --tls-cert")
	}
	return nil
}

// scheme is that of the stub's URLs.
func (f *tlsFlags) scheme() string {
	if f.TLS || f.TLSCert != "" {
		return "https"
	}
	return "http"
}

// tlsConfig gives how TLS is to be spoken at some addresses; nil where it is not.
func (f *tlsFlags) tlsConfig(addrs ...string) (*tls.Config, error) {
	if f.scheme() == "http" {
		return nil, nil
	}
	certificate, err := f.certificate(addrs)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, Certificates: []tls.Certificate{certificate},
	}, err
}

// certificate reads the certificate that is named, or makes one.
func (f *tlsFlags) certificate(addrs []string) (tls.Certificate, error) {
	if f.TLSCert != "" {
		c, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
		if err != nil {
			err = fmt.Errorf("--tls-cert %s, --tls-key %s: %w", f.TLSCert, f.TLSKey, err)
		}
		return c, err
	}
	authority, err := newAuthority()
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate: %w", err)
	}
	c, err := authority.sign(addrs)
	if err != nil {
		return c, fmt.Errorf("make a certificate for %q: %w", addrs, err)
	}
	return c, authority.write(f.TLSCAOut)
}

// authority signs the certificate that the stub makes. Its key is forgotten at once: whoever trusts it trusts this one
// certificate.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// certificateLife is how long a made certificate is valid; the stub makes a new one at each start.
const certificateLife = 365 * 24 * time.Hour

// template is what both certificates have in common.
func template(name string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	at := time.Now()
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: at.Add(-time.Hour), NotAfter: at.Add(certificateLife),
		BasicConstraintsValid: true,
	}, key, err
}

func newAuthority() (*authority, error) {
	t, key, err := template("Cartwright, made at " + time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	t.IsCA, t.MaxPathLenZero = true, true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &authority{certificate, key}, err
}

// sign makes a certificate for this machine's own names and the hosts of some addresses.
func (a *authority) sign(addrs []string) (tls.Certificate, error) {
	t, key, err := template("Cartwright")
	if err != nil {
		return tls.Certificate{}, err
	}
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	t.DNSNames, t.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for _, addr := range addrs {
		host, _, _ := net.SplitHostPort(addr) // what is no address has none: --control has words, too
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else if host != "" {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.certificate, key.Public(), a.key)
	return tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key}, err
}

// write writes the authority's certificate, where a file is named.
func (a *authority) write(path string) error {
	if path == "" {
		return nil
	}
	return writeWhole(path, "write the certificate (--tls-ca-out)", func(w io.Writer) error {
		return pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	})
}
