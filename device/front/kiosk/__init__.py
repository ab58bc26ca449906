"""The pages: one small template a scene, one stylesheet, one script, no build step and nothing from another host.

gate        who may ask: start-up secret, Host, Origin, token; and the headers of every answer
pages       the routes
events      server-sent events
offers      which buttons each scene has; nothing else can be pressed
sentences   what is said for each hint, fault and purpose; dates
codes       QR codes of badge and receipt
notice      the notice's plain text, in blocks
"""
